package procedure

// LatencyNote is for tests.
const LatencyNote = latencyNote
