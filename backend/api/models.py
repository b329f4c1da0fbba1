"""Table of API tokens: a machine acts as one user, with that user's role and area."""

from datetime import datetime

from sqlmodel import Field

from backend.db.columns import InDistrict, id_field, ref_field, time_field


class ApiToken(InDistrict, table=True):
    """A bearer token of one user; only its digest is kept."""

    __tablename__ = "api_token"
    id: int | None = id_field()
    token_digest: str = Field(unique=True, max_length=64)
    user_id: int = ref_field()
    name: str = Field(max_length=60)  # which system holds it
    created_at: datetime = time_field()
    expires_at: datetime = time_field()
    revoked_at: datetime | None = time_field(nullable=True)
