using System.Globalization;

namespace Im.IntegrationTests.Harness;

/// <summary>What this machine's kernel holds for connections that do not take it.</summary>
internal static class TcpQueue
{
    /// <summary>Bytes per open connection of this local port that are written and not yet taken by the other end.</summary>
    public static IReadOnlyList<long> UnsentBy(int port) =>
    [
        .. File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(field => field[1].EndsWith($":{port:X4}", StringComparison.Ordinal) && field[3] == "01")
            .Select(field => long.Parse(field[4].Split(':')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
    ];
}
