// Package server runs a Temporal server, its SQLite database and its Web UI
// inside this process, so that ccl needs no service of anyone else's.
//
// It is the only package that links the Temporal server, which takes minutes
// to build: everything else speaks to a cluster through the SDK's client and
// does not care whose it is.
//
// The server listens on the loopback interface only, calls nobody, and keeps
// everything in one database file. A process that is killed loses nothing:
// the next Start on the same file resumes every open workflow.
package server
