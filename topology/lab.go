package topology

import "time"

// A Lab is a deployed topology. It holds no secret and no handle, so it can
// travel through a workflow's history; whatever holds it can reach the lab.
type Lab struct {
	Name     string    `json:"name"`    // unique on its host; the topology's name unless a run chose another
	Backend  string    `json:"backend"` // netns, clab, physical
	Topology *Topology `json:"topology"`
	Nodes    []LabNode `json:"nodes"`
	Deployed time.Time `json:"deployed"`
	Lease    *Lease    `json:"lease,omitempty"` // of the run that has it, when it is inspected
	Kept     *Kept     `json:"kept,omitempty"`  // for whom it is to stay up, when it is inspected
}

// A LabNode is one node of a deployed lab and how to reach it.
type LabNode struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	State    NodeState `json:"state"`
	Platform string    `json:"platform"` // what really runs: "Junos emulator (FRR 8.4.4)", "vJunos-router 24.2R1"
	Mgmt     Access    `json:"mgmt,omitzero"`
	PID      int       `json:"pid,omitempty"`   // the node's first process on this host, 0 if there is none
	NetNS    string    `json:"netns,omitempty"` // path of its network namespace on this host, if it has one
}

// NodeState says whether a node can be used.
type NodeState string

// The states of a node.
const (
	NodeRunning NodeState = "running"
	NodeStopped NodeState = "stopped"
)

// Access is how a management session reaches a node. The password is not
// here: Credentials names an entry the device layer looks up.
type Access struct {
	Host        string `json:"host,omitempty"`
	SSHPort     int    `json:"sshPort,omitempty"`
	NetconfPort int    `json:"netconfPort,omitempty"`
	Credentials string `json:"credentials,omitempty"`
}

// Node returns the named node of the lab, or nil.
func (l *Lab) Node(name string) *LabNode {
	for i := range l.Nodes {
		if l.Nodes[i].Name == name {
			return &l.Nodes[i]
		}
	}
	return nil
}

// Routers returns the nodes that take a Junos configuration, in file order.
func (l *Lab) Routers() []LabNode {
	var routers []LabNode
	for _, n := range l.Nodes {
		if IsJunos(n.Kind) {
			routers = append(routers, n)
		}
	}
	return routers
}
