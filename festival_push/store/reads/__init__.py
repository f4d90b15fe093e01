"""Reading: one module a noun, each a class with a method a query; `reads.Reads` has all of them."""
