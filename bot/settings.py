"""Every setting of linli, from the environment (prefix `LINLI_`, nested by `__`) and an optional `.env` beside it.

Only the composition root reads these; rooms get the values they need.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseModel):
    """SQLite by default; `postgresql+asyncpg://user:password@host/name` when one machine is not enough."""

    url: str = "sqlite+aiosqlite:///var/linli.db"


class WeChatSettings(BaseModel):
    """A verified official account (服务号). Off while `app_id` is empty."""

    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = SecretStr("")
    api_base: str = "https://api.weixin.qq.com"
    allow_plaintext: bool = False  # plaintext mode signs no body: only for a test account


class WeComSettings(BaseModel):
    """An application of an enterprise account, for workers and staff. Off while `corp_id` is empty."""

    corp_id: str = ""
    agent_id: int = 0
    secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = SecretStr("")
    api_base: str = "https://qyapi.weixin.qq.com"


class TelegramSettings(BaseModel):
    """A bot. Off while `token` is empty: data of state bodies stays in the country unless someone decides otherwise."""

    token: SecretStr = SecretStr("")
    api_base: str = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: SecretStr = SecretStr("")


class SmsSettings(BaseModel):
    """An SMS gateway reached by signed HTTP. Off while `url` is empty."""

    url: str = ""
    key: str = ""
    secret: SecretStr = SecretStr("")


class NluSettings(BaseModel):
    """Which engine understands: the built-in one, Rasa, or both in a row (the first sure answer wins)."""

    engine: Literal["linear", "rasa", "chain"] = "linear"
    rasa_url: str = "http://127.0.0.1:5005"
    models: Path = Path("var/models")
    rasa_timeout_seconds: float = 1.5


class Settings(BaseSettings):
    """All settings; see `.env.example` for the ones an office usually touches."""

    model_config = SettingsConfigDict(
        env_prefix="LINLI_",
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        nested_model_default_partial_update=True,
    )

    database: DatabaseSettings = DatabaseSettings()
    secret_key: SecretStr = SecretStr("")
    public_url: str = "http://127.0.0.1:8000"
    district: str = ""  # district code; empty = the only one in the database
    zone: str = "Asia/Shanghai"
    media_folder: Path = Path("var/media")
    audit_days: int = Field(default=400, ge=180)
    frame_ancestors: list[str] = Field(default_factory=list)  # origins of sites that may embed the chat page
    trusted_proxies: list[str] = Field(default_factory=list)  # whose X-Forwarded-For we believe
    wechat: WeChatSettings = WeChatSettings()
    wecom: WeComSettings = WeComSettings()
    telegram: TelegramSettings = TelegramSettings()
    sms: SmsSettings = SmsSettings()
    nlu: NluSettings = NluSettings()
    log_format: Literal["console", "json"] = "console"
    fail_point: str = ""  # fault experiments only: the named step kills the process
