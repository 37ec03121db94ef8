"""What a schema cannot say of an Idempotency-Key, for schemathesis: that each request has a key of its own.

The same key with another body is refused with 422, as it must be; a key that fits the schema is therefore replaced by a new
one. Keys that do not fit stay as they are.
"""

import re
import uuid

import schemathesis

FITS = re.compile(r"[!#-~]{1,200}")


@schemathesis.hook
def before_call(context, case, **_):
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and FITS.fullmatch(key):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
