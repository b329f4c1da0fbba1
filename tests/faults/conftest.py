"""The same stand-ins as the journeys have."""

from tests.journeys.conftest import clock, house, sms, telegram, wechat, wecom

__all__ = ["clock", "house", "sms", "telegram", "wechat", "wecom"]
