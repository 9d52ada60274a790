package clab

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// container is one entry of "inspect --details": the part that is used.
type container struct {
	Names  []string `json:"Names"`
	Image  string   `json:"Image"`
	State  string   `json:"State"`  // running, exited, …
	Status string   `json:"Status"` // "Up 20 seconds", "healthy", "Exited (137) …"
	Labels struct {
		Lab  string `json:"containerlab"`
		Node string `json:"clab-node-name"`
		Kind string `json:"clab-node-kind"`
	} `json:"Labels"`
	PID             int `json:"Pid"`
	NetworkSettings struct {
		IPv4 string `json:"IPv4addr"`
		IPv6 string `json:"IPv6addr"`
	} `json:"NetworkSettings"`
}

func (c container) running() bool { return c.State == "running" }

// address is where the node is managed, empty if it has none.
func (c container) address() string {
	for _, a := range []string{c.NetworkSettings.IPv4, c.NetworkSettings.IPv6} {
		if a != "" && a != "N/A" {
			return a
		}
	}
	return ""
}

// name is the container's, by which other outputs refer to it.
func (c container) name() string {
	if len(c.Names) == 0 {
		return ""
	}
	return strings.TrimPrefix(c.Names[0], "/")
}

// parseDetails reads the output of "inspect --details" for one lab. A lab that is
// not there has no containers.
func parseDetails(out []byte, lab string) ([]container, error) {
	var labs map[string][]container
	if err := json.Unmarshal(out, &labs); err != nil {
		return nil, fmt.Errorf("containerlab inspect: its output is not understood: %w", err)
	}
	for _, c := range labs[lab] {
		if c.Labels.Node == "" || c.name() == "" {
			return nil, fmt.Errorf("containerlab inspect: a container of lab %s has no node name", lab)
		}
	}
	return labs[lab], nil
}

// networkInterface is one device in a container as "inspect interfaces" shows it.
type networkInterface struct {
	Name  string `json:"name"`
	Alias string `json:"alias"` // the Junos name, where there is one
	State string `json:"state"` // up, down, unknown
}

// parseInterfaces reads the output of "inspect interfaces", by container name.
func parseInterfaces(out []byte) (map[string][]networkInterface, error) {
	var list []struct {
		Name       string             `json:"name"`
		Interfaces []networkInterface `json:"interfaces"`
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, fmt.Errorf("containerlab inspect interfaces: its output is not understood: %w", err)
	}
	all := make(map[string][]networkInterface, len(list))
	for _, c := range list {
		all[c.Name] = c.Interfaces
	}
	return all, nil
}

func hasDevice(list []networkInterface, device string) bool {
	return slices.ContainsFunc(list, func(i networkInterface) bool { return i.Name == device })
}

// execution is what one command of "exec" did in one container.
type execution struct {
	Code   *int   `json:"return-code"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

// parseExec reads the output of "exec" with one command in one container.
// containerlab exits with 0 whatever the command did, so a missing return code
// cannot be taken for success.
func parseExec(out []byte) (execution, error) {
	var all map[string][]execution
	if err := json.Unmarshal(out, &all); err != nil {
		return execution{}, fmt.Errorf("containerlab exec: its output is not understood: %w", err)
	}
	var found []execution
	for _, list := range all {
		found = append(found, list...)
	}
	if len(found) != 1 || found[0].Code == nil {
		return execution{}, fmt.Errorf("containerlab exec: expected the result of one command, got %d", len(found))
	}
	return found[0], nil
}
