"""The step `train`."""

from tasks.records.artifacts import ArtifactRef
from tasks.records.steps import Place
from tasks.records.training import Launch, TrainConfig, TrainResult
from tasks.settings import load_settings
from tasks.steps import step, store_at
from tasks.training.fitting import fit
from tasks.training.listening import tell

TRAIN_VERSION = 1


class LaunchedAs(Place):
    """Where a training runs and how: like every place, in no cache key."""

    base: str
    """Folder or Hub id of the base model, whose content is in the key."""
    launch: Launch


@step("train", version=TRAIN_VERSION)
def train(
    data: ArtifactRef, base_digest: str, config: TrainConfig, place: LaunchedAs
) -> TrainResult:
    """Trains a base model on a data set; what was killed goes on from its last checkpoint."""
    with store_at(place) as store:
        return fit(
            store,
            data,
            base=place.base,
            base_digest=base_digest,
            config=config,
            launched=place.launch,
            home=load_settings().home,
            heard=tell,
        )
