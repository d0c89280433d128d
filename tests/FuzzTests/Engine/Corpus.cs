using System.Security.Cryptography;

namespace Im.FuzzTests.Engine;

/// <summary>The inputs that are kept in the repository: <c>Corpus/TARGET/*</c>, seeds and what once failed.</summary>
internal static class Corpus
{
    /// <summary>The folder beside the sources, not the build's: what is found is to be committed.</summary>
    public static string Root { get; } = Repository.PathOf("tests", "FuzzTests", "Corpus");

    public static IEnumerable<string> FilesOf(FuzzTarget target)
    {
        var folder = Path.Combine(Root, target.Name);
        return Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal) : [];
    }

    public static byte[][] Of(FuzzTarget target) => [.. FilesOf(target).Select(File.ReadAllBytes)];

    /// <summary>Keeps an input that failed; the same one has the same name.</summary>
    public static string Keep(FuzzTarget target, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, target.Name)).FullName;
        var file = Path.Combine(folder, $"found-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(file, input);
        return file;
    }
}
