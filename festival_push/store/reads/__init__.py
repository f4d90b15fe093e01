"""Reading: one module a noun, each with a class that has a method a query; `reads.Reads` combines them."""
