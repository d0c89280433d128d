namespace Im.Tests;

/// <summary>The working copy that the tests were built from; every test project has this file.</summary>
internal static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = Find();

    /// <summary>The full path of a file or folder in it.</summary>
    public static string PathOf(params string[] path) => Path.Combine([Root, .. path]);

    /// <summary>The text of a file in it.</summary>
    public static string Read(params string[] path) => File.ReadAllText(PathOf(path));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Im.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
