namespace Im.IntegrationTests.Harness;

internal static class Executable
{
    /// <summary>The program's full path, or null where it is not installed. Debian keeps servers in sbin, which a user's PATH may lack.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append("/usr/sbin").Append("/usr/bin").Append("/usr/local/bin")
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}
