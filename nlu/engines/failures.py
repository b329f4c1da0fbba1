"""The ways an engine refuses."""

from nlu.errors import LinliError


class EngineUnavailable(LinliError):
    """The engine cannot answer now (not reachable, too slow, broken answer); another one may."""

    code = "engine_unavailable"
    status = 503
