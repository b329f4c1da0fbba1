"""What other systems may ask and file: REST v1 with OpenAPI, and Open311 GeoReport v2."""
