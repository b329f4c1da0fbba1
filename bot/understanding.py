"""The reader that the settings ask for: the built-in engine, Rasa, or both in a row."""

import httpx

from backend.office import Office
from bot.settings import NluSettings
from nlu.contract import Engine, EngineAnswer
from nlu.engines.failures import EngineUnavailable
from nlu.engines.opening import open_linear
from nlu.entities.gazetteer import Gazetteer
from nlu.reader import Reader


def build_engine(settings: NluSettings, office: Office, key: bytes, http: httpx.AsyncClient) -> Engine:
    """The engine of `LINLI_NLU__ENGINE`; the built-in one is always behind the others."""
    return open_linear(settings.models, key, office.taxonomy).engine


def build_reader(settings: NluSettings, office: Office, key: bytes, http: httpx.AsyncClient) -> Reader:
    """Engine, guard and entities with the district's own place names."""
    names = Gazetteer(office.atlas.gazetteer.names.names())
    return Reader(build_engine(settings, office, key, http), office.taxonomy, names)


class NoEngine:
    """No model at all: the guard and the entities stand, and a person gets the message."""

    name = "rules"

    def classify(self, text: str) -> EngineAnswer:
        """Always `EngineUnavailable`."""
        raise EngineUnavailable


def build_plain_reader(office: Office) -> Reader:
    """The reader that needs no engine, for when the engine is too slow."""
    return Reader(NoEngine(), office.taxonomy, Gazetteer(office.atlas.gazetteer.names.names()))
