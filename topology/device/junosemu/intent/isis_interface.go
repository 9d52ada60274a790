package intent

import (
	"fmt"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// Where FRR puts the level of an interface's value.
const (
	levelFirst = "%[1]s level-%[3]d %[2]s"
	levelLast  = "%[1]s %[2]s level-%[3]d"
)

// isisInterface is the interface block.
func (c *compiler) isisInterface(isis, i *config.Node, u unit) []string {
	var lines []string
	if u.v4 && !isis.Has("no-ipv4-routing") {
		lines = append(lines, "ip router isis "+isisTag)
	}
	if u.v6 && !isis.Has("no-ipv6-routing") {
		lines = append(lines, "ipv6 router isis "+isisTag)
	}
	run := levels(isis, i)
	if len(run) == 0 || len(lines) == 0 {
		return nil
	}
	if len(run) == 1 && len(levels(isis)) == 2 {
		lines = append(lines, fmt.Sprintf("isis circuit-type level-%s%s", run[0], only(run[0])))
	}
	for _, l := range c.bfdTimers(isisBFD(i)) {
		lines = append(lines, "isis "+l)
	}
	if i.Value("hello-padding") == "disable" {
		lines = append(lines, "no isis hello padding")
	}
	lines = append(lines, isisMetrics(isis, i, run, u)...)
	if u.loopback() || i.Has("passive") {
		return append(lines, "isis passive")
	}
	lines = append(lines, c.isisPassword(isis, i, run)...)
	lines = append(lines, isisLevels(i, run, "hello-interval", "3", levelFirst)...)
	lines = append(lines, isisMultiplier(i, run)...)
	lines = append(lines, isisLevels(i, run, "priority", "64", levelLast)...)
	if seconds := i.Value("csnp-interval", "seconds"); seconds != "" && seconds != "10" {
		lines = append(lines, "isis csnp-interval "+seconds)
	}
	if i.Has("point-to-point") {
		lines = append(lines, "isis network point-to-point")
	}
	return lines
}

// only is how FRR ends the name of level 2 alone.
func only(level string) string {
	if level == "2" {
		return "-only"
	}
	return ""
}

// isisMetrics: a loopback costs nothing. Others cost 10, or what the reference
// bandwidth makes of their speed.
func isisMetrics(isis, i *config.Node, run []string, u unit) []string {
	if u.loopback() {
		return []string{"isis metric 0"}
	}
	normal := "10"
	if reference, ok := bandwidth(isis.Value("reference-bandwidth")); ok {
		normal = strconv.Itoa(max(reference/interfaceSpeed(u.name), 1))
	}
	one, two := levelValues(i, run, "metric", normal)
	return levelLines("metric", "10", one, two, levelFirst)
}

// isisHello is FRR's time between hellos, and isisHold how many of them make
// its hold time, where nothing is configured.
const (
	isisHello = 3
	isisHold  = 10
)

// isisMultiplier is the hold time in hellos, which is how FRR has it.
func isisMultiplier(i *config.Node, run []string) []string {
	value := func(level string) string {
		hold, err := strconv.Atoi(i.Value("level", level, "hold-time"))
		if err != nil {
			return strconv.Itoa(isisHold)
		}
		hello := isisHello
		if v, err := strconv.Atoi(i.Value("level", level, "hello-interval")); err == nil {
			hello = v
		}
		return strconv.Itoa(min(max((hold+hello/2)/hello, 2), 100))
	}
	return levelLines("hello-multiplier", strconv.Itoa(isisHold), value(run[0]), value(run[len(run)-1]), levelFirst)
}

// isisPassword is the authentication of hellos: the interface's own, or that of
// the level. FRR has one for both levels.
func (c *compiler) isisPassword(isis, i *config.Node, run []string) []string {
	line := ""
	for _, level := range run {
		own, all := i.Lookup("level", level), isis.Lookup("level", level)
		key, kind := own.Value("hello-authentication-key"), own.Value("hello-authentication-type")
		if key == "" {
			key, kind = all.Value("authentication-key"), all.Value("authentication-type")
		}
		if key == "" {
			continue
		}
		method := "md5"
		if kind == "simple" {
			method = "clear"
		}
		l := "isis password " + method + " " + secret(key)
		if line != "" && line != l {
			c.differs(i, "FRR has one hello password for both levels")
			continue
		}
		line = l
	}
	if line == "" {
		return nil
	}
	return []string{line}
}

// isisBFD finds BFD in the place of older and newer releases.
func isisBFD(i *config.Node) *config.Node {
	for _, at := range []*config.Node{i, i.Lookup("family", "inet"), i.Lookup("family", "inet6")} {
		if b := at.Child("bfd-liveness-detection"); b != nil {
			return b
		}
	}
	return nil
}

// isisLevels translates a value that each level has.
func isisLevels(i *config.Node, run []string, name, normal, format string) []string {
	one, two := levelValues(i, run, name, normal)
	return levelLines(name, normal, one, two, format)
}

// levelValues are the values of the levels that run.
func levelValues(i *config.Node, run []string, name, normal string) (one, two string) {
	value := func(level string) string {
		if v := i.Value("level", level, name); v != "" {
			return v
		}
		return normal
	}
	return value(run[0]), value(run[len(run)-1])
}

// levelLines: FRR prints a value that both levels share without a level, and
// else both, its default for the one not set. format says where the level goes.
func levelLines(name, normal, one, two, format string) []string {
	switch {
	case one == normal && two == normal:
		return nil
	case one == two:
		return []string{"isis " + name + " " + one}
	}
	return []string{"isis " + fmt.Sprintf(format, name, one, 1), "isis " + fmt.Sprintf(format, name, two, 2)}
}
