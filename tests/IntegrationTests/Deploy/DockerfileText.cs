using System.Text.RegularExpressions;

namespace Im.IntegrationTests.Deploy;

/// <summary>What <c>deploy/Dockerfile</c> says, line by line.</summary>
internal static class DockerfileText
{
    /// <summary>Every instruction as word and rest, in order.</summary>
    public static IReadOnlyList<(string Word, string Text)> Instructions { get; } =
        [.. Repository.Read("deploy", "Dockerfile").Split('\n')
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split(' ', 2))
            .Select(words => (words[0], words[1]))];

    private static string[] Ignored => Repository.Read(".dockerignore").Split('\n');

    /// <summary>The rests of all instructions of this name.</summary>
    public static IEnumerable<string> All(string word) => Instructions.Where(instruction => instruction.Word == word).Select(instruction => instruction.Text);

    /// <summary>What is copied from the repository, and where to: files and folders.</summary>
    public static IEnumerable<(string From, string To)> Copied => All("COPY").Where(copy => !copy.StartsWith("--", StringComparison.Ordinal))
        .Select(copy => copy.Split(' '))
        .SelectMany(words => words[..^1].Select(from => (from, words[^1])));

    /// <summary>What <c>.dockerignore</c> lets in, by its path: a file, or a folder with all that is in it.</summary>
    public static IReadOnlyList<string> LetIn { get; } = [.. Ignored.Where(line => line.StartsWith('!')).Select(line => line[1..])];

    /// <summary>Names that it keeps out wherever they are: <c>**/bin</c>.</summary>
    public static IReadOnlyList<string> KeptOut { get; } = [.. Ignored.Where(line => line.StartsWith("**/", StringComparison.Ordinal)).Select(line => line[3..])];

    /// <summary>The command that publishes, with its places.</summary>
    public static string Publish => Assert.Single(All("RUN"), run => run.StartsWith("dotnet publish", StringComparison.Ordinal));

    /// <summary>The program that it runs.</summary>
    public static string Program => Regex.Match(Assert.Single(All("ENTRYPOINT")), @"^\[""dotnet"", ""([\w.]+)""\]$").Groups[1].Value;

    /// <summary>The environment of the image.</summary>
    public static Dictionary<string, string> Environment => All("ENV").SelectMany(line => line.Split(' ')).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
