package node

// message is what deployer and init say to each other during the start, one
// JSON value after another over a socket. The order is fixed:
//
//	deployer → init   {spec}           what to become
//	init → deployer   {step: up}       namespaces are set up, links may come
//	deployer → init   {step: links}    the links are there
//	init → deployer   {step: ready}    management sessions are accepted
//	deployer → init   {step: detach}   the whole lab is up: live on without me
//
// Instead of its step the init may send {error}, and ends. If the socket closes
// before detach, the deployer is dead and the init ends too.
type message struct {
	Spec     *Spec  `json:"spec,omitempty"`
	Step     string `json:"step,omitempty"`
	Platform string `json:"platform,omitempty"` // with ready: what runs
	Error    string `json:"error,omitempty"`
}

const (
	stepUp     = "up"
	stepLinks  = "links"
	stepReady  = "ready"
	stepDetach = "detach"
)

// File descriptors that the init is born with.
const (
	fdDeployer = 3 + iota // socket of the start
	fdSSH                 // listener on the host's loopback; Junos kinds only
	fdNetconf             // the same
)

// Op is what a Request asks of a running node.
type Op string

// The operations of a node.
const (
	OpStatus Op = "status"
	OpExec   Op = "exec"  // run Argv
	OpLink   Op = "link"  // set Device up or down
	OpLoss   Op = "loss"  // lose Share of the frames at Device
	OpKill   Op = "kill"  // kill Process, or all of the node if empty
	OpStart  Op = "start" // start Process, or all of the node if empty
)

// A Request asks a running node for something.
type Request struct {
	Op      Op       `json:"op"`
	Argv    []string `json:"argv,omitempty"`
	Device  string   `json:"device,omitempty"`
	Up      bool     `json:"up,omitempty"`
	Share   float64  `json:"share,omitempty"`   // 0.05 is 5 %
	Leaving bool     `json:"leaving,omitempty"` // of OpLoss: also of the frames that leave
	Process string   `json:"process,omitempty"`
}

// A Reply is a node's answer. If Error is not empty the rest means nothing.
type Reply struct {
	Error    string `json:"error,omitempty"`
	Running  bool   `json:"running"` // status: false after an OpKill of all
	Platform string `json:"platform,omitempty"`
	Code     int    `json:"code"` // exec
	Stdout   string `json:"stdout,omitempty"`
	Stderr   string `json:"stderr,omitempty"`
}
