"""Keys and values of rows in flight: what rows have read need never be read again.

A row's tokens need not lie side by side: a column that the mask hides is no token, and positions
are counted over the mask. So rows of any length stand in one block, padded on the left; blocks are
joined; and a beginning that prompts share is read once and lent to all of them.

Not covered: models with sliding windows or states that are no keys and values. Their rows can be
selected, but neither joined nor given a shared beginning (`can_join`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer


@dataclass
class Block:
    """What some rows have read so far."""

    cache: Any
    """A DynamicCache: for each layer keys and values [rows, heads, columns, size of a head]."""
    mask: Tensor
    """[rows, columns] of int64: 1 where a row has a token, 0 where it has none."""

    def select(self, rows: Sequence[int]) -> None:
        """Keeps these rows, in this order; one that is named twice comes twice."""
        index = torch.tensor(rows, device=self.mask.device)
        self.cache.reorder_cache(index)
        self.mask = self.mask[index]


def can_join(config: Any) -> bool:
    """Whether all layers keep keys and values of all tokens, and nothing else."""
    layers = DynamicCache(config=config).layers
    return bool(layers) and all(type(layer) is DynamicLayer for layer in layers)


def lent(block: Block, columns: int, rows: int) -> Block:
    """The first columns of a block of one row, for several rows. Copies nothing."""
    cache = DynamicCache()
    for number, layer in enumerate(block.cache.layers):
        keys, values = (
            each[:, :, :columns].expand(rows, -1, -1, -1) for each in (layer.keys, layer.values)
        )
        cache.update(keys, values, number)
    return Block(cache, block.mask[:, :columns].expand(rows, -1))


def joined(first: Block, second: Block) -> Block:
    """The rows of both, those of the first before those of the second."""
    width = max(first.mask.shape[1], second.mask.shape[1])
    cache = DynamicCache()
    for number, layers in enumerate(zip(first.cache.layers, second.cache.layers, strict=True)):
        keys = torch.cat([_widened(layer.keys, width) for layer in layers])
        values = torch.cat([_widened(layer.values, width) for layer in layers])
        cache.update(keys, values, number)
    masks = [pad(block.mask, (width - block.mask.shape[1], 0)) for block in (first, second)]
    return Block(cache, torch.cat(masks))


def without_gaps(block: Block) -> Block:
    """The block without the columns in which no row has a token."""
    used = block.mask.any(dim=0).nonzero().squeeze(1)
    if len(used) == block.mask.shape[1]:
        return block
    cache = DynamicCache()
    for number, layer in enumerate(block.cache.layers):
        cache.update(layer.keys.index_select(2, used), layer.values.index_select(2, used), number)
    return Block(cache, block.mask[:, used])


def _widened(states: Tensor, width: int) -> Tensor:
    return pad(states, (0, 0, width - states.shape[2], 0))
