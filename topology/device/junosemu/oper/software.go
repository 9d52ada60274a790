package oper

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// Model is the product model of a containerlab kind, as the platform itself
// names it.
func Model(kind string) string {
	models := map[string]string{
		"juniper_vjunosrouter":  "vjunos-router",
		"juniper_vjunosswitch":  "vjunos-switch",
		"juniper_vjunosevolved": "vjunosevolved",
		"juniper_vmx":           "vmx",
		"juniper_crpd":          "crpd",
	}
	if model, ok := models[kind]; ok {
		return model
	}
	return strings.TrimPrefix(kind, "juniper_")
}

// frrRelease matches the first line of FRR's "show version".
var frrRelease = regexp.MustCompile(`FRRouting (\S+)`)

// software answers get-software-information: the Junos release whose words the
// emulator speaks, and in so many words that it is an emulator and on what.
func (r *Router) software(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	engine := "FRRouting, not running"
	if text, err := r.Sensor.FRR(ctx, "zebra", "show version"); err == nil {
		if m := frrRelease.FindSubmatch(text); m != nil {
			engine = "FRRouting " + string(m[1])
		}
	}
	e := xmltree.New("software-information").
		Leaf("host-name", r.Hostname()).
		Leaf("product-model", Model(r.Identity.Kind)).
		Leaf("product-name", Model(r.Identity.Kind)).
		Leaf("junos-version", Release)
	return e.Add(
		packageElement("junos-emulator", fmt.Sprintf("Junos emulator of ccl [%s]", Release)),
		packageElement("routing-engine", fmt.Sprintf("Junos routing by %s on the Linux kernel; this is not Junos", engine)),
	), nil
}

func packageElement(name, comment string) *xmltree.Element {
	return xmltree.New("package-information").Leaf("name", name).Leaf("comment", comment)
}

func softwareText(_, reply *xmltree.Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Hostname: %s\nModel: %s\nJunos: %s\n",
		reply.Value("host-name"), reply.Value("product-model"), reply.Value("junos-version"))
	for _, p := range reply.All("package-information") {
		fmt.Fprintln(&b, p.Value("comment"))
	}
	return b.String()
}
