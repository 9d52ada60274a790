// Package fakes is a world for tests of workflows: routers that are lists of
// configuration statements, a backend that logs what is asked of it, and a
// generator whose frames nobody forwards. It survives the workers that use it,
// as a real lab does.
package fakes
