package oper

import (
	"context"
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// serialNumber is what the router says its chassis has: one word of letters and
// digits, which says that it is emulated, and which router it is.
func (r *Router) serialNumber() string {
	return "EMU" + strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToUpper(r.Identity.Name))
}

// systemInformation answers get-system-information.
func (r *Router) systemInformation(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	return information("system-information", "junos").
		Leaf("hardware-model", Model(r.Identity.Kind)).
		Leaf("os-name", "junos").
		Leaf("os-version", Release).
		Leaf("serial-number", r.serialNumber()).
		Leaf("host-name", r.Hostname()), nil
}

func systemInformationText(_, reply *xmltree.Element) string {
	return fmt.Sprintf("Model: %s\nFamily: %s\nJunos: %s\nHostname: %s\n", reply.Value("hardware-model"),
		reply.Value("os-name"), reply.Value("os-version"), reply.Value("host-name"))
}

// licenses answers get-license-summary-information and
// get-license-usage-summary: nothing here needs a license, and none is
// installed.
func (r *Router) licenses(_ context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	if rpc.Name == "get-license-usage-summary" {
		return information("license-usage-summary", "junos-license").Add(xmltree.New("no-feature-used")), nil
	}
	return information("license-summary-information", "junos-license").
		Add(xmltree.New("license-usage-summary", xmltree.New("no-feature-used"))), nil
}

func licensesText(rpc, _ *xmltree.Element) string {
	text := "License usage: none\n"
	if rpc.Name != "get-license-usage-summary" {
		text += "\nLicenses installed: none\n"
	}
	return text
}

// replication answers get-routing-task-replication-state: one routing engine
// has no other to replicate to.
func (r *Router) replication(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	return information("task-replication-state", "junos-routing").
		Leaf("task-gres-state", "Disabled").Leaf("task-re-mode", "Master"), nil
}

func replicationText(_, reply *xmltree.Element) string {
	return fmt.Sprintf("        Stateful Replication: %s\n        RE mode: %s\n", reply.Value("task-gres-state"), reply.Value("task-re-mode"))
}
