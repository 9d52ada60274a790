package starter

import (
	"fmt"
	"path/filepath"
)

// configs is the folder of the startup configurations, beside the topology.
const configs = "configs"

// Topology returns a topology file, which gives the lab its name, and the startup
// configurations that it names.
func Topology(path string) ([]File, error) {
	name := nameOf(path, "pair")
	topology, err := fill("topology.yml", path, map[string]string{"File": path, "Name": name, "Configs": configs})
	if err != nil {
		return nil, err
	}
	all := []File{topology}
	for number := 1; number <= 2; number++ {
		router := fmt.Sprintf("r%d", number)
		config, err := fill("router.cfg", filepath.Join(filepath.Dir(path), configs, router+".cfg"), map[string]any{
			"Name": router, "Number": number, "Other": fmt.Sprintf("r%d", 3-number), "Host": fmt.Sprintf("h%d", number),
		})
		if err != nil {
			return nil, err
		}
		all = append(all, config)
	}
	return all, nil
}
