package broker

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sandcastle/broker/log"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// metaPropertiesFile says whose log directory this is (MetaProperties, version 0, 3.9).
const metaPropertiesFile = "meta.properties"

// identify makes sure that the broker joins the cluster that its log directory belongs to
// (KafkaServer.getOrGenerateClusterId and initMetaPropsEnsemble, 3.9). The first broker of a
// cluster gives it its id. A broker whose settings have the id asks nobody.
func (g *registration) identify(out *model.Effects,
	next func(*model.Effects),
) {
	if g.cfg.ClusterID != "" {
		next(out)
		return
	}
	g.session.Get(out, znode.ClusterIDPath, false,
		func(out *model.Effects, r zookeeper.Result) {
			switch r.Err {
			case zookeeper.ErrConnectionLoss:
				g.session.OnceConnected(func(out *model.Effects) {
					g.identify(out, next)
				})
			case zookeeper.ErrNoNode:
				g.createClusterID(out, next)
			case zookeeper.ErrNone:
				id, err := znode.DecodeClusterID(r.Data)
				if err != nil {
					out.Halt(err.Error())
					return
				}
				g.joinCluster(out, id, next)
			}
		})
}

// createClusterID writes the id of a new cluster. When another broker was first, its id holds.
func (g *registration) createClusterID(out *model.Effects,
	next func(*model.Effects),
) {
	again := func(out *model.Effects, r zookeeper.Result) {
		if r.Err == zookeeper.ErrConnectionLoss {
			g.session.OnceConnected(func(out *model.Effects) {
				g.identify(out, next)
			})
			return
		}
		g.identify(out, next)
	}
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], g.rand.Uint64())
	binary.BigEndian.PutUint64(id[8:], g.rand.Uint64())
	data := znode.EncodeClusterID(base64.RawURLEncoding.EncodeToString(id[:]))
	g.session.Create(out, "/cluster", nil, zookeeper.Persistent,
		func(out *model.Effects, r zookeeper.Result) {
			if r.Err != zookeeper.ErrNone && r.Err != zookeeper.ErrNodeExists {
				again(out, r)
				return
			}
			g.session.Create(out, znode.ClusterIDPath, data, zookeeper.Persistent, again)
		})
}

// joinCluster takes the cluster's id over, unless the log directory is another's.
func (g *registration) joinCluster(out *model.Effects, cluster string,
	next func(*model.Effects),
) {
	stored, err := readMetaProperties(g.dir)
	self := strconv.Itoa(int(g.cfg.ID))
	switch {
	case err != nil:
		out.Halt(err.Error())
		return
	case stored["cluster.id"] != "" && stored["cluster.id"] != cluster:
		out.Halt(fmt.Sprintf("the data directory belongs to the cluster %s, this is the cluster %s",
			stored["cluster.id"], cluster))
		return
	case stored["broker.id"] != "" && stored["broker.id"] != self:
		out.Halt(fmt.Sprintf("the data directory belongs to broker %s, this is broker %s",
			stored["broker.id"], self))
		return
	}
	g.settings.JoinCluster(cluster)
	if len(stored) == 0 {
		content := fmt.Sprintf("#\nversion=0\ncluster.id=%s\nbroker.id=%s\n", cluster, self)
		if log.WriteFile(g.dir, metaPropertiesFile, content) == nil {
			g.dir.Flush(out, metaPropertiesFile, nil)
			g.dir.Flush(out, "", nil)
		}
	}
	next(out)
}

// readMetaProperties returns nothing if there is no such file.
func readMetaProperties(disk model.Disk) (map[string]string, error) {
	names, err := disk.List("")
	if err != nil || !slices.Contains(names, metaPropertiesFile) {
		return nil, err
	}
	f, err := disk.Open(metaPropertiesFile)
	if err != nil {
		return nil, err
	}
	data := make([]byte, f.Size())
	if n, err := f.ReadAt(data, 0); n < len(data) && err != io.EOF {
		return nil, err
	}
	stored := map[string]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, kafka.Refused(metaPropertiesFile, fmt.Sprintf("%q is no setting", line))
		}
		stored[name] = value
	}
	if stored["version"] != "0" {
		return nil, kafka.Refused(metaPropertiesFile, fmt.Sprintf("version %q, want 0",
			stored["version"]))
	}
	return stored, nil
}
