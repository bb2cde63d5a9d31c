package scenarios

// zookeeperMutants are bugs in ZooKeeper and in what holds on to it: sessions, watches, ephemeral
// nodes, versions, the transaction log, the controller's election and the brokers' registration.
var zookeeperMutants = []mutant{
	{
		"ZooKeeper: a session is not renewed", "broker/zookeeper/server.go",
		"\tx.live.lastHeard = out.Now\n\tp := parked{", "\tp := parked{",
	},
	{
		"ZooKeeper: sessions never end", "broker/zookeeper/server_session.go",
		"if !x.live.closing && s.deadline(x) <= out.Now {", "if !x.live.closing && s.deadline(x) < 0 {",
	},
	{
		"ZooKeeper: sessions end at half their time", "broker/zookeeper/server_session.go",
		"time.Duration(x.timeout) * time.Millisecond)\n\ttick", "time.Duration(x.timeout) * time.Millisecond / 2)\n\ttick",
	},
	{
		"ZooKeeper: ephemeral nodes stay", "broker/zookeeper/txn.go",
		"\tfor len(s.tree.ephemerals[id]) > 0 {\n", "\tfor len(s.tree.ephemerals[id]) > 1 {\n",
	},
	{
		"ZooKeeper: a session that ends is not told of", "broker/zookeeper/txn.go",
		"\t\tevents = append(events, c.event)\n\t}\n\treturn events\n", "\t\t_ = c\n\t}\n\treturn events\n",
	},
	{
		"ZooKeeper: versions are not compared", "broker/zookeeper/tree.go",
		"\tcase version != -1 && version != n.stat.Version:\n\t\treturn ErrBadVersion\n", "",
	},
	{
		"ZooKeeper: versions do not grow", "broker/zookeeper/tree.go",
		"\tn.stat.Version++\n", "",
	},
	{
		"ZooKeeper: a node can be created twice", "broker/zookeeper/tree.go",
		"\tif t.nodes[path] != nil {\n\t\treturn Result{Err: ErrNodeExists}, change{}\n\t}\n", "",
	},
	{
		"ZooKeeper: sequential names come again", "broker/zookeeper/tree.go",
		"\tparent.sequence++\n", "\tparent.sequence = int32(len(parent.children))\n",
	},
	{
		"ZooKeeper: half a multi stays", "broker/zookeeper/txn.go",
		"\t\tfor j := len(changes) - 1; j >= 0; j-- {\n", "\t\tfor j := len(changes) - 1; j >= 1; j-- {\n",
	},
	{
		"ZooKeeper: the owner of an ephemeral node is nobody", "broker/zookeeper/tree.go",
		"\t\tn.stat.EphemeralOwner = at.session\n", "",
	},
	{
		"ZooKeeper: watches of children are not told of deletions", "broker/zookeeper/watch.go",
		"\tif e.Type != NodeDataChanged {\n", "\tif e.Type == NodeCreated {\n",
	},
	{
		"ZooKeeper: watches of data are not told", "broker/zookeeper/watch.go",
		"\tcase NodeCreated, NodeDataChanged:\n\t\tnotify(watchData, e.Path, e)\n", "\tcase NodeCreated, NodeDataChanged:\n",
	},
	{
		"ZooKeeper: exists sets no watch on what is not there", "broker/zookeeper/watch.go",
		"\tcase o.kind == opExists && err == ErrNoNode:\n\t\tw.put(c, watchKey{watchExists, o.path})\n", "",
	},
	{
		"ZooKeeper: watches are lost with a connection", "broker/zookeeper/watch.go",
		"\t\tcase n.stat.Mzxid > r.seen:\n", "\t\tcase n.stat.Mzxid < 0:\n",
	},
	{
		"ZooKeeper: reads do not wait for the writes before", "broker/zookeeper/server.go",
		"n < len(c.parked) && c.parked[n].after <= c.applied; n++", "n < len(c.parked); n++",
	},
	{
		"ZooKeeper: writes are answered before they are durable", "broker/zookeeper/server.go",
		"\ts.token++\n\tout.Flush(\"\", s.token)\n}", "\ts.onFlushed(out, \"\")\n}",
	},
	{
		"ZooKeeper: a client may know more than the server", "broker/zookeeper/server_session.go",
		"if d.bad || c.writes > 0 || req.lastZxid > s.state.zxid {", "if d.bad || c.writes > 0 {",
	},
	{
		"ZooKeeper: sessions are forgotten at recovery", "broker/zookeeper/server.go",
		"\t\ts.state.sessions[id].live.lastHeard = out.Now\n", "\t\ts.state.sessions[id].live.lastHeard = 0\n",
	},
}
