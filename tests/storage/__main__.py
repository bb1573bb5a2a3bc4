"""``make shapes``: note shapes that only grew or have a new version, record missing samples.

Exits 1 where stored values may not fit a model any more, and says what to do; such a shape is
not noted.
"""

import sys

from tests.storage import shapes
from tests.storage.samples import record_missing
from tests.storage.stored import stored_models

noted, refused = shapes.noted_shapes(), False
for name, model in stored_models().items():
    fault = shapes.fault(model, noted.get(name))
    if fault is not None and fault.may_be_noted:
        shapes.note(model)
        print(f"noted the shape of {name}")
    elif fault is not None:
        refused = True
        print(fault.says, file=sys.stderr)
for line in () if refused else record_missing():
    print(line)
sys.exit(refused)
