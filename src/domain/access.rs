//! The codes CC002 to CC010: who may enter a Client Center, and what is missing (`codes.md`).
