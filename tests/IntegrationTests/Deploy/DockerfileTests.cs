using System.Reflection.PortableExecutable;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Im.IntegrationTests.Deploy;

/// <summary>What <c>deploy/Dockerfile</c> promises. Its build is tried by <see cref="PublishedService"/>; its images are not fetched.</summary>
[Collection(nameof(DeploySuite))]
public sealed partial class DockerfileTests(PublishedService published)
{
    [Fact]
    [SupportedOSPlatform("linux")]
    public void The_program_that_it_runs_is_published_and_nothing_of_it_asks_for_root()
    {
        Assert.True(File.Exists(published.Program));
        Assert.All(Directory.GetFiles(published.Folder, "*", SearchOption.AllDirectories), file => Assert.True(File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherRead), file));

        var user = Assert.Single(DockerfileText.All("USER"));
        Assert.Matches("^[1-9][0-9]*:[1-9][0-9]*$", user);
        Assert.All(ComposeFile.Nodes, node => Assert.Equal(user, node.Value["user"].Text));
    }

    [Fact]
    public void What_it_publishes_is_compiled_beforehand_and_runs_on_the_runtime_of_the_image()
    {
        var settings = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(published.Program, "runtimeconfig.json"))).RootElement.GetProperty("runtimeOptions");

        Assert.Contains(settings.GetProperty("frameworks").EnumerateArray(), framework => framework.GetProperty("name").GetString() == "Microsoft.AspNetCore.App");
        Assert.False(File.Exists(Path.Combine(published.Folder, "libcoreclr.so")));
        Assert.True(IsCompiledBeforehand(published.Program), "Im.WebApi.dll holds no native code.");
    }

    [Fact]
    public void It_ends_in_a_small_image_without_a_shell_and_its_SDK_is_one_that_the_repository_takes()
    {
        var arguments = DockerfileText.All("ARG").Select(argument => argument.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        var wanted = JsonDocument.Parse(Repository.Read("global.json")).RootElement.GetProperty("sdk").GetProperty("version").GetString();

        Assert.Equal("mcr.microsoft.com/dotnet/aspnet:${RUNTIME}", DockerfileText.All("FROM").Last());
        Assert.Matches(@"^10\.0\.\d+-noble-chiseled$", arguments["RUNTIME"]);
        Assert.True(Version.Parse(Regex.Match(arguments["SDK"], @"^[\d.]+").Value) >= Version.Parse(wanted!));
    }

    [Fact]
    public void What_is_copied_is_let_in_and_neither_secrets_nor_history_are()
    {
        Assert.All(DockerfileText.Copied, copy => Assert.Contains(DockerfileText.LetIn, path => path == copy.From.TrimEnd('/') || path.StartsWith(copy.From, StringComparison.Ordinal)));
        Assert.All(Embedded().Matches(Repository.Read("src", "WebApi", "WebApi.csproj")).Select(part => part.Groups[1].Value), part => Assert.Contains(part, DockerfileText.LetIn));
        Assert.Contains("*", Repository.Read(".dockerignore").Split('\n'));
        Assert.DoesNotContain(DockerfileText.LetIn, path => path.StartsWith("deploy", StringComparison.Ordinal) || path.StartsWith(".git", StringComparison.Ordinal));
    }

    /// <summary>A managed file has a native header (ECMA-335, II.25.3.3, "ManagedNativeHeader") only if code was compiled beforehand.</summary>
    private static bool IsCompiledBeforehand(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    [GeneratedRegex("<EmbeddedResource Include=\"../../([^\"*]+?)/?\\*?\"")]
    private static partial Regex Embedded();
}
