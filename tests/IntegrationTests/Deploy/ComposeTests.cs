using System.Net;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;
using Im.WebApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Im.IntegrationTests.Deploy;

/// <summary>What <c>deploy/compose.yaml</c> promises, read from it: nothing here starts a container.</summary>
public sealed class ComposeTests
{
    [Fact]
    public void Every_container_has_a_file_system_that_it_cannot_write_no_capability_no_root_and_a_limit_of_memory() =>
        Assert.All(ComposeFile.Services, service =>
        {
            Assert.Equal("true", service.Value["read_only"].Text);
            Assert.Equal(["ALL"], service.Value["cap_drop"].Names);
            Assert.DoesNotContain(service.Value.Entries.Keys, key => key is "cap_add" or "privileged" or "network_mode" or "pid" or "devices");
            Assert.Equal(["no-new-privileges:true"], service.Value["security_opt"].Names);
            Assert.Matches("^[1-9][0-9]*:[0-9]+$", service.Value["user"].Text);
            Assert.True(service.Value.Has("mem_limit"));
        });

    [Fact]
    public void What_holds_keys_in_its_memory_has_no_swap_and_dumps_no_core() =>
        Assert.All([.. ComposeFile.Nodes.Select(node => node.Value), ComposeFile.Services["redis"], ComposeFile.Services["nginx"]], service =>
        {
            Assert.Equal(service["mem_limit"].Text, service["memswap_limit"].Text);
            Assert.Equal("0", service["ulimits"]["core"].Text);
        });

    [Fact]
    public void Every_image_has_a_version_and_the_nodes_have_that_of_the_repository()
    {
        var version = Regex.Match(Repository.Read("Directory.Build.props"), "<Version>(.*)</Version>").Groups[1].Value;

        Assert.All(ComposeFile.Nodes, node => Assert.Equal($"im:${{RELEASE:-{version}}}", node.Value["image"].Text));
        Assert.All(ComposeFile.Services.Except(ComposeFile.Nodes), service => Assert.Matches(@"^[\w/]+:v?\d+\.\d+\.\d+(-\w+)?$", service.Value["image"].Text));
    }

    [Fact]
    public void Only_the_proxys_TLS_can_be_reached_from_outside()
    {
        var open = ComposeFile.Services.Where(service => service.Value.Has("ports")).SelectMany(service => service.Value["ports"].Names.Select(port => (service.Key, port)));

        Assert.Equal([("nginx", "443:443")], open.Where(port => !port.port.StartsWith("127.0.0.1:", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_store_has_a_network_without_a_way_out_that_only_the_nodes_share_and_nothing_that_lasts()
    {
        var redis = ComposeFile.Services["redis"];
        var neighbours = ComposeFile.Services.Where(service => service.Value["networks"].Names.Contains("store")).Select(service => service.Key);

        Assert.Equal(["store"], redis["networks"].Names);
        Assert.Equal("true", ComposeFile.Networks["store"]["internal"].Text);
        Assert.Equal(ComposeFile.Nodes.Select(node => node.Key).Append("redis"), neighbours);
        Assert.All(redis["volumes"].Names, volume => Assert.EndsWith(":ro", volume, StringComparison.Ordinal));
        Assert.StartsWith("/data:", Assert.Single(redis["tmpfs"].Names), StringComparison.Ordinal);
    }

    [Fact]
    public void The_store_may_use_more_memory_than_its_data()
    {
        var data = Regex.Match(Repository.Read("deploy", "redis.conf"), "(?m)^maxmemory (.*)$").Groups[1].Value;

        Assert.True(ComposeFile.Bytes(ComposeFile.Services["redis"]["mem_limit"].Text) >= 1.5 * ComposeFile.Bytes(data));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Every_secret_is_a_file_that_the_script_makes_and_none_is_in_the_environment()
    {
        var folder = Directory.CreateTempSubdirectory("im-made-").FullName;
        Native.MakeSecrets(folder, "redis:6379");
        var made = Directory.GetFiles(folder).Select(Path.GetFileName).ToHashSet();
        var mode = File.GetUnixFileMode(folder);
        Directory.Delete(folder, recursive: true);

        Assert.All(ComposeFile.Secrets, secret => Assert.Contains(secret.Value["file"].Text.Replace("/etc/im/secrets/", "", StringComparison.Ordinal), made));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
        Assert.All(
            ComposeFile.Services.Where(service => service.Value.Has("environment")).SelectMany(service => service.Value["environment"].Entries),
            variable => Assert.DoesNotMatch("(?i)(password|key|secret|connectionstring)=?(?!__FILE)$", variable.Key));
        Assert.All(ComposeFile.Nodes, node => Assert.Equal(["Jwt__SigningKey", "Redis__ConnectionString"], node.Value["secrets"].Names));
    }

    [Fact]
    public async Task A_node_takes_every_setting_that_it_gets_and_its_drain_ends_before_it_is_killed()
    {
        foreach (var (environment, grace) in ComposeFile.Nodes
            .Select(node => (node.Value["environment"].Entries.ToDictionary(variable => variable.Key, variable => variable.Value.Text), Seconds(node.Value["stop_grace_period"].Text)))
            .Append((SystemdUnit.Environment("/var/lib", "/run/credentials"), Seconds(SystemdUnit.All("TimeoutStopSec").Single() + "s"))))
        {
            // What comes as files, and what is the runtime's own.
            var settings = environment.Where(variable => variable.Key != "Secrets__Folder" && !variable.Key.StartsWith("DOTNET_", StringComparison.Ordinal));
            await using var node = Node.Build([
                .. settings.Select(setting => $"--{setting.Key.Replace("__", ":", StringComparison.Ordinal)}={setting.Value}"),
                $"--Jwt:SigningKey={Tokens.SigningKey}", "--Redis:ConnectionString=redis:6379"]);

            node.Services.GetRequiredService<IStartupValidator>().Validate();
            Assert.True(grace >= 1.5 * node.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        }
    }

    [Fact]
    public void The_proxy_and_Prometheus_know_the_nodes_and_the_nodes_know_them_by_their_fixed_addresses()
    {
        var nodes = ComposeFile.Nodes.Select(node => $"{node.Key}:8083").ToList();
        var upstream = Regex.Matches(Repository.Read("deploy", "compose", "nodes.conf"), @"(?m)^server (\S+) max_fails=0;$").Select(server => server.Groups[1].Value);
        var scraped = ComposeFile.Parse(Repository.Read("deploy", "compose", "nodes.yml")).Items.SelectMany(group => group["targets"].Names);
        var edge = IPNetwork.Parse(ComposeFile.Networks["edge"]["ipam"]["config"].Items[0]["subnet"].Text);

        Assert.Equal(nodes, upstream);
        Assert.Equal(nodes, scraped);
        Assert.Equal(DockerfileText.Environment["Urls"], $"http://0.0.0.0:{DockerfileText.All("EXPOSE").Single()}");
        Assert.All(ComposeFile.Nodes, node =>
        {
            Assert.True(edge.Contains(IPAddress.Parse(node.Value["networks"]["edge"]["ipv4_address"].Text)));
            Assert.Equal(ComposeFile.Services["nginx"]["networks"]["edge"]["ipv4_address"].Text, node.Value["environment"]["Web__TrustedProxies__0"].Text);
            Assert.Equal(ComposeFile.Services["prometheus"]["networks"]["watch"]["ipv4_address"].Text, node.Value["environment"]["Web__MetricsReaders__0"].Text);
        });
    }

    [Fact]
    public void Every_file_that_is_mounted_is_there_and_every_volume_is_named()
    {
        var mounts = ComposeFile.Services.Where(service => service.Value.Has("volumes")).SelectMany(service => service.Value["volumes"].Names).ToList();

        Assert.All(mounts.Where(mount => mount.StartsWith("./", StringComparison.Ordinal)), mount =>
        {
            Assert.EndsWith(":ro", mount, StringComparison.Ordinal);
            Assert.True(Path.Exists(Repository.PathOf("deploy", mount.Split(':')[0])), mount);
        });
        Assert.Equal(["accounts", "dashboards", "metrics"], mounts.Where(mount => !mount.StartsWith("./", StringComparison.Ordinal)).Select(mount => mount.Split(':')[0]).Distinct().Order());
    }

    [Fact]
    public void Grafana_finds_the_dashboard_and_the_source_where_they_are_put()
    {
        var dashboards = ComposeFile.Parse(Repository.Read("deploy", "grafana", "provisioning", "dashboards", "im.yml"))["providers"].Items.Single()["options"]["path"].Text;
        var mounts = ComposeFile.Services["grafana"]["volumes"].Names.ToList();

        Assert.Contains($"./grafana/im.json:{dashboards}/im.json:ro", mounts);
        foreach (var (file, port) in new[] { (new[] { "deploy", "compose", "datasource.yml" }, "http://prometheus:9090"), (["deploy", "grafana", "provisioning", "datasources", "im.yml"], "http://127.0.0.1:9090") })
        {
            var source = ComposeFile.Parse(Repository.Read(file))["datasources"].Items.Single();
            Assert.Equal(("prometheus", port, "true"), (source["type"].Text, source["url"].Text, source["isDefault"].Text));
        }
    }

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(int.Parse(text.TrimEnd('s')));
}
