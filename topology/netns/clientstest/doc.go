// Package clientstest holds Juniper's own and other people's clients against
// the Junos emulator on a live lab: PyEZ, ncclient, Ansible and scrapligo as
// Debian and Go ship them. It has no code but tests.
//
//	testdata/*.cfg     the two routers of the lab
//	testdata/*.py      what the Python clients do; each is a unittest program
//	testdata/*.yml     what Ansible does
//	truth_test.go      what a router says against what FRR and the kernel say
//	kernel_test.go     how those are asked
//
// The clients are Debian packages (.ci/deps test). Without them, or without
// root, the tests skip; where CI=true they must be there.
package clientstest
