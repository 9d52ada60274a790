package clientstest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// playbooks is the program that runs them.
const playbooks = "/usr/bin/ansible-playbook"

// TestAnsible is Ansible's collection for Junos.
func TestAnsible(t *testing.T) {
	needFile(t, playbooks, "ansible")
	needFile(t, modules+"ansible_collections/junipernetworks/junos", "ansible")
	l := deployPair(t)
	mgmt, dir := l.Node("r1").Mgmt, t.TempDir()
	inventory := filepath.Join(dir, "hosts")
	text := fmt.Sprintf("[all]\nrouter ansible_host=%s ansible_port=%d ansible_user=%s ansible_password=%s "+
		"ansible_connection=ansible.netcommon.netconf ansible_network_os=junipernetworks.junos.junos "+
		"ansible_python_interpreter=%s\n", mgmt.Host, mgmt.NetconfPort, user, password, python)
	if err := os.WriteFile(inventory, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, playbooks, "-i", inventory, "testdata/ansible.yml")
	cmd.Env = append(os.Environ(), "HOME="+dir, "ANSIBLE_LOCAL_TEMP="+dir, "ANSIBLE_HOST_KEY_CHECKING=False",
		"ANSIBLE_NOCOLOR=1", "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR="+dir, "PYTHONWARNINGS=ignore")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
