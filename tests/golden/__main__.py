"""Write the golden files anew: ``make golden``. Then read the diff."""

from tests.golden.files import write_all

for line in write_all() or ["every outcome is as it was"]:
    print(line)
print(
    "Read `git diff tests/golden`, and declare in docs/changes.md what the law now does otherwise."
)
