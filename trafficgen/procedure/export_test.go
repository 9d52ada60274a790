package procedure

// LatencyNote is for tests.
const LatencyNote = latencyNote

// Disowned is for tests.
var Disowned = disowned
