"""Forms for acts: made from the law's schemas, read back, with what will follow from them."""
