"""Object storage: every version, delete marker and unfinished upload under a prefix, and the tenant's own KMS key."""

from retention.connectors.s3.connector import S3Connector

__all__ = ["S3Connector"]
