"""Studies as YAML: what ships can be read, what is settled, and what mistakes are told."""

from pathlib import Path

import pytest
import yaml

from tasks.errors import ConfigError
from tasks.records.studies import HELD_OUT, FreshModel, StudyConfig
from tasks.studies.grid import SHIPPED, find_study, merged, plan_of, read_study, shipped

NAMED = {
    *("first-100", "writers", "templates", "ways", "mix", "tasks", "filters", "size", "cases"),
    *("names", "noise", "bugs", "control"),
}


def study(tmp_path: Path, **values: object) -> StudyConfig:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"question": "Does it?"} | values))
    return read_study(path)


def test_the_studies_of_the_paper_ship() -> None:
    assert set(shipped()) >= NAMED


@pytest.mark.parametrize("name", shipped())
def test_every_study_that_ships_can_be_planned(name: str) -> None:
    config = read_study(find_study(name))
    assert {"smoke", "full"} <= set(config.sizes)
    for size in config.sizes:
        plan = plan_of(config, name, size)
        assert plan.baseline in {cell.name for cell in plan.cells}
        assert plan.question.endswith("?")
        assert all(cell.note for cell in plan.cells)


def test_what_trains_has_a_size_for_a_cpu_too() -> None:
    planned = {name: read_study(find_study(name)) for name in shipped()}
    with_cpu = {name for name, config in planned.items() if "cpu" in config.sizes}
    assert with_cpu == set(shipped()) - {"first-100"}
    for name in with_cpu:
        plan = plan_of(planned[name], name, "cpu")
        assert plan.trains
        assert isinstance(plan.base, str)


def test_a_size_that_a_study_has_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mine has no size cpu; it has smoke"):
        plan_of(study(tmp_path, cells={"one": {}}), "mine", "cpu")


def test_a_study_is_found_by_path_too(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("question: x?")
    assert find_study(str(own)) == own
    with pytest.raises(ConfigError, match=r"no study nowhere.*first-100"):
        find_study("nowhere")


def test_a_cell_wins_over_the_size_and_the_size_over_the_study(tmp_path: Path) -> None:
    config = study(
        tmp_path,
        build={"limit": 9, "filters": {"min_cases": 4, "max_cases": 9}},
        smoke={"build": {"limit": 8, "filters": {"max_cases": 7}}},
        full={},
        cells={"one": {}, "two": {"build": {"filters": {"max_cases": 6}}}},
    )
    one, two = plan_of(config, "mine", "smoke").cells
    assert (one.build.limit, one.build.filters.min_cases, one.build.filters.max_cases) == (8, 4, 7)
    assert two.build.filters.max_cases == 6
    assert plan_of(config, "mine", "full").cells[0].build.limit == 9


def test_nothing_is_trained_where_no_training_is_named(tmp_path: Path) -> None:
    plan = plan_of(study(tmp_path, cells={"one": {}}), "mine", "smoke")
    assert not plan.trains
    assert plan.base is None


def test_a_study_can_be_built_and_not_trained(tmp_path: Path) -> None:
    config = study(tmp_path, train={}, cells={"one": {}})
    assert plan_of(config, "mine", "smoke").trains
    assert not plan_of(config, "mine", "smoke", build_only=True).trains


def test_a_base_that_is_given_wins(tmp_path: Path) -> None:
    config = study(tmp_path, train={}, cells={"one": {}})
    assert isinstance(plan_of(config, "mine", "smoke").base, FreshModel)
    assert plan_of(config, "mine", "smoke", "org/model").base == "org/model"


def test_models_are_tested_on_the_baselines_own_test_split(tmp_path: Path) -> None:
    config = study(
        tmp_path,
        train={},
        baseline="two",
        tests={"other": {"seed": 5}},
        cells={"one": {}, "two": {"build": {"limit": 3}}},
    )
    tests = plan_of(config, "mine", "smoke").tests
    assert {name: (one.limit, one.seed) for name, one in tests.items()} == {
        HELD_OUT: (3, 0),
        "other": (None, 5),
    }


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"cells": {}}, "has no cells"),
        ({"cells": {"a": {"builds": {}}}}, "cells.a.builds is no key here"),
        ({"cells": {"a": {}}, "baseline": "b"}, "its baseline b is none of its cells"),
        ({"cells": {"untrained": {}}}, "no cell can be called untrained"),
        ({"cells": {"a": {}}, "tests": {"held-out": {}}}, "no test can be called held-out"),
        ({"cells": {"a": {"mix": {"samples": -1}}}}, "cells.a.mix.samples"),
        ({"cells": {"a": {}}, "smoke": {"seeds": [0, 0]}}, "one twice is the same training"),
        ({"cells": {"a b": {}}}, "cells.a b"),
    ],
)
def test_a_wrong_study_says_where(tmp_path: Path, values: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        study(tmp_path, **values)


def test_a_wrong_value_names_its_cell(tmp_path: Path) -> None:
    config = study(tmp_path, cells={"a": {"build": {"filters": {"min_cases": "few"}}}})
    with pytest.raises(ConfigError, match=r"cells\.a\.build: filters\.min_cases"):
        plan_of(config, "mine", "smoke")


def test_what_is_no_yaml_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("- a\n- b")
    with pytest.raises(ConfigError, match="must be a mapping"):
        read_study(tmp_path / "x.yaml")
    (tmp_path / "x.yaml").write_text("{")
    with pytest.raises(ConfigError, match="cannot read the study"):
        read_study(tmp_path / "x.yaml")


def test_a_cell_that_stands_twice_is_told_and_where(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("question: Q?\ncells:\n  a: {}\n  a: {build: {limit: 3}}\n")
    with pytest.raises(ConfigError, match=r"twice.yaml:4:3: a is here twice"):
        read_study(path)


def test_a_name_that_no_file_can_have_is_no_study() -> None:
    with pytest.raises(ConfigError, match="no study aaa"):
        find_study("a" * 300)


def test_merging_changes_none_of_its_parts() -> None:
    first = {"a": {"b": 1}}
    assert merged(first, {"a": {"c": 2}, "d": 3}) == {"a": {"b": 1, "c": 2}, "d": 3}
    assert first == {"a": {"b": 1}}


def test_the_example_of_the_readme_is_a_study(tmp_path: Path) -> None:
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")
    (tmp_path / "example.yaml").write_text(text.partition("```yaml\n")[2].partition("```")[0])
    config = read_study(tmp_path / "example.yaml")
    for size in config.sizes:
        plan = plan_of(config, "example", size)
        assert [cell.name for cell in plan.cells] == ["short", "long", "mixed"]
        assert plan.trains
