"""A graph as a picture in DOT."""

from kvmform.graph.dag import Graph
from kvmform.graph.dot import to_dot


def test_the_picture_is_that_of_terraform_graph() -> None:
    """Text recorded from `terraform graph` 1.11.4."""
    graph = Graph(["data.http.x", "libvirt_pool.a", "libvirt_volume.b", 'module.m["q"].libvirt_domain.inner'])
    graph.add_edge("libvirt_volume.b", "libvirt_pool.a")
    graph.add_edge('module.m["q"].libvirt_domain.inner', "libvirt_volume.b")
    picture = to_dot(
        graph,
        lambda node: node.removeprefix('module.m["q"].'),
        cluster=lambda node: 'module.m["q"]' if node.startswith("module") else "",
    )
    assert picture == (
        """\
digraph G {
  rankdir = "RL";
  node [shape = rect, fontname = "sans-serif"];
  "data.http.x" [label="data.http.x"];
  "libvirt_pool.a" [label="libvirt_pool.a"];
  "libvirt_volume.b" [label="libvirt_volume.b"];
  subgraph "cluster_module.m[\\"q\\"]" {
    label = "module.m[\\"q\\"]"
    fontname = "sans-serif"
    "module.m[\\"q\\"].libvirt_domain.inner" [label="libvirt_domain.inner"];
  }
  "libvirt_volume.b" -> "libvirt_pool.a";
  "module.m[\\"q\\"].libvirt_domain.inner" -> "libvirt_volume.b";
}
"""
    )


def test_names_tell_nodes_apart_that_have_the_same_label() -> None:
    picture = to_dot(Graph([1, 2]), lambda _: "same", name="n{}".format)
    assert '"n1" [label="same"];' in picture
    assert '"n2" [label="same"];' in picture


def test_what_would_end_a_string_is_escaped() -> None:
    assert r'"a\"b\\c\nd" [label="a\"b\\c\nd"];' in to_dot(Graph(['a"b\\c\nd']))


def test_an_empty_graph_is_a_picture_too() -> None:
    assert to_dot(Graph[str]()).endswith('"sans-serif"];\n}\n')
