//! What can go wrong in a database, in words an operator can act on.
