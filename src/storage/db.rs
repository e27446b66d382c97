//! Two engines behind one door: connect, migrate, read and write.
