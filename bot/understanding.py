"""The reader that the settings ask for: the built-in engine, Rasa, or both in a row."""

import httpx

from backend.office import Office
from bot.settings import NluSettings
from nlu.contract import Engine, EngineAnswer
from nlu.decision import Thresholds
from nlu.engines.chain import ChainEngine
from nlu.engines.failures import EngineUnavailable
from nlu.engines.opening import open_linear
from nlu.engines.rasa_http import RasaEngine
from nlu.entities.gazetteer import Gazetteer
from nlu.reader import Reader
from nlu.taxonomy import Taxonomy

ALWAYS = Thresholds(act=0.0, ask=0.0)
"""Rasa alone: whatever it answers counts; only when it does not answer is the built-in engine asked."""


def build_engine(settings: NluSettings, taxonomy: Taxonomy, key: bytes) -> Engine:
    """The engine of `LINLI_NLU__ENGINE`; the built-in one always stands behind the others."""
    linear = open_linear(settings.models, key, taxonomy).engine
    if settings.engine == "linear":
        return linear
    client = httpx.Client(timeout=settings.rasa_timeout_seconds, follow_redirects=False, trust_env=False)
    rasa = RasaEngine(settings.rasa_url, taxonomy, client)
    if settings.engine == "rasa":
        return ChainEngine((rasa, linear), ALWAYS)
    return ChainEngine((linear, rasa))


def build_reader(settings: NluSettings, office: Office, key: bytes) -> Reader:
    """Engine, guard and entities with the district's own place names."""
    names = Gazetteer(office.atlas.gazetteer.names.names())
    return Reader(build_engine(settings, office.taxonomy, key), office.taxonomy, names)


class NoEngine:
    """No model at all: the guard and the entities stand, and a person gets the message."""

    name = "rules"

    def classify(self, text: str) -> EngineAnswer:
        """Always `EngineUnavailable`."""
        raise EngineUnavailable


def build_plain_reader(office: Office) -> Reader:
    """The reader that needs no engine, for when the engine is too slow."""
    return Reader(NoEngine(), office.taxonomy, Gazetteer(office.atlas.gazetteer.names.names()))
