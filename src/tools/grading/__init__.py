"""Makes assignments, and grades them."""

import sys

# jsonschema would read the grammar of web addresses when it is imported, which takes two seconds, for a
# format that no notebook names. It does without where the package is missing.
sys.modules.setdefault("rfc3987_syntax", None)
