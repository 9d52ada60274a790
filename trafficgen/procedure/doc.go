// Package procedure holds the benchmarking methodology of the IETF as library
// functions over any trafficgen.Generator:
//
//	Throughput      RFC 2544, section 26.1
//	Latency         RFC 2544, section 26.2
//	FrameLoss       RFC 2544, section 26.3
//	BackToBack      RFC 9004, which updates RFC 2544, section 26.4
//	SystemRecovery  RFC 2544, section 26.5
//	Reset           RFC 6201, which updates RFC 2544, section 26.6
//	Forwarding      RFC 2889, sections 5.4 and 5.6
//	AddressCaching  RFC 2889, section 5.7
//	AddressLearning RFC 2889, section 5.8
//
// Run runs any of them. They take the same Options, whose zero values are what
// the RFC asks for, and return the same Result: one row for each frame size,
// the trials behind it, where the run departs from the RFC, and a Table in the
// RFC's own reporting format. With streams of both IP versions they are the
// dual-stack runs of RFC 5180 and RFC 8219: the streams' rates keep their
// proportion.
//
// Measure computes the convergence times of RFC 6413 and RFC 7747 from what
// was counted of streams that ran through an event.
//
// A trial that the tester itself may have spoilt (Stats.Faults, a rate that
// was not reached, frames lost just after it stood still) says nothing about
// the device. It is repeated a few times; if it stays so, the result is marked
// as limited by the tester.
package procedure
