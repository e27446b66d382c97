//! Text from outside: cleaning, folding and look-alikes.
