"""The places that can serve a speaker embedding, all behind one protocol."""
