using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>A person at a machine of their own: an empty folder for settings, a server, and a token unless they are to log in.</summary>
internal sealed class ToolUser : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("im-tool-").FullName;

    /// <param name="server">The node.</param>
    /// <param name="id">Whose token they have; null: none.</param>
    public ToolUser(Uri server, long? id = null)
    {
        Environment = new() { ["XDG_CONFIG_HOME"] = _folder, ["IM_SERVER"] = server.AbsoluteUri };
        if (id is not null)
        {
            Environment["IM_TOKEN"] = TestNode.Mint(id.Value);
        }
    }

    public Dictionary<string, string> Environment { get; }

    /// <summary>Everything that the tool keeps.</summary>
    public string[] Files => Directory.GetFiles(_folder, "*", SearchOption.AllDirectories);

    public ToolRun Run(params string[] words) => ToolRun.Start(Environment, words);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
