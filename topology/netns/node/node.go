// Package node is one node of a native lab: a process that is the init (PID 1)
// of its own network, mount, PID, UTS and IPC namespaces, and everything in it.
//
// Both sides are here. The deploying process calls Launch, which re-executes
// this program with the arguments that RunIfNode recognises; the new process
// sets its namespaces up, waits for its links, starts what the node's kind
// needs, and reports. From then on it outlives the deployer, and any process
// that may look into it reaches it with Call.
//
//	launch.go    the deployer's side of the start
//	init.go      the node's side of it
//	mounts.go, sysctl.go   the node's view of the file system and the kernel
//	control.go, client.go  requests from other processes
//	host.go, router.go     what runs in linux and Junos nodes
package node

import (
	"fmt"
	"os"
	"strings"

	"github.com/ccl-lab/ccl/topology"
)

// A Spec is what a node is to become.
type Spec struct {
	Lab       string            `json:"lab"`
	Node      string            `json:"node"`
	Kind      string            `json:"kind"`
	Exec      []string          `json:"exec,omitempty"` // run once the links exist
	Env       map[string]string `json:"env,omitempty"`  // of those and of Exec requests
	Sysctls   map[string]string `json:"sysctls,omitempty"`
	Ports     []Port            `json:"ports,omitempty"`     // in slot order
	Generator bool              `json:"generator,omitempty"` // a port of the traffic generator: the kernel stays silent
	Dir       string            `json:"dir"`                 // the node's directory on the host; kept over restarts
	Rootless  bool              `json:"rootless,omitempty"`  // root here is an ordinary user outside
	Startup   string            `json:"startup,omitempty"`   // configuration that a router boots with the first time
	Platform  string            `json:"platform"`            // what runs, for people
}

// A Port is an interface of the node by both its names.
type Port struct {
	Interface string `json:"interface"` // ge-0/0/0
	Device    string `json:"device"`    // eth1
}

// IsJunos reports whether the node is a Junos router or switch.
func (s *Spec) IsJunos() bool { return topology.IsJunos(s.Kind) }

// process is the name a node's init has as its first argument.
const process = "ccl-node"

// The environment that marks the init of a node. Children do not have it.
const (
	EnvLab   = "CCL_LAB"       // name of the lab
	EnvNode  = "CCL_NODE"      // name of the node
	EnvState = "CCL_STATE_DIR" // state directory of the deployer: whose lab it is
)

// EnvUserNamespace, if the deployer has it, says that an ordinary user's lab
// lives in a user namespace, which later commands enter.
const EnvUserNamespace = "CCL_USER_NAMESPACE"

// RunIfNode turns the process into a node's init if it was launched as one,
// and then never returns. Call it first thing in main and in TestMain.
func RunIfNode() {
	if os.Args[0] != process || os.Getpid() != 1 {
		return
	}
	os.Exit(run())
}

// IsNode reports whether a process of this host calls itself the init of a node.
// Everybody may ask, and anybody may call themselves so: it says that there is
// something, not whose it is. A zombie has no arguments and is no node.
func IsNode(pid int, lab, node string) bool {
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && string(args) == strings.Join([]string{process, lab, node, ""}, "\x00")
}
