"""Trains the model that comes with the program: `python -m nlu.training.ship`, after the data changed."""

from datetime import UTC, datetime

from nlu.engines.opening import SHIPPED
from nlu.engines.storage import save
from nlu.taxonomy import load_taxonomy
from nlu.training.build import build
from nlu.training.corpus import TRAIN, read_examples


def main() -> None:
    """Trains on everything in `nlu/data/train` and writes `nlu/shipped`, signed by its content."""
    taxonomy = load_taxonomy()
    model = build(read_examples(TRAIN, taxonomy.leaves), taxonomy, datetime.now(UTC))
    print(save(model, SHIPPED, None), model.weights.shape)


if __name__ == "__main__":
    main()
