namespace Im.IntegrationTests.Deploy;

/// <summary>What <c>deploy/systemd/im@.service</c> says.</summary>
internal static class SystemdUnit
{
    private static readonly string[] Lines = Repository.Read("deploy", "systemd", "im@.service").Split('\n');

    /// <summary>All values of a setting of the unit, in order.</summary>
    public static IReadOnlyList<string> All(string name) =>
        [.. Lines.Where(line => line.StartsWith($"{name}=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..])];

    /// <summary>The environment that it gives a node.</summary>
    /// <param name="state">Where systemd keeps states (<c>%S</c>).</param>
    /// <param name="credentials">Where it puts credentials (<c>%d</c>).</param>
    public static Dictionary<string, string> Environment(string state, string credentials) => All("Environment")
        .Select(line => line.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1].Replace("%S", state, StringComparison.Ordinal).Replace("%d", credentials, StringComparison.Ordinal));
}
