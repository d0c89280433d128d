using Im.Infrastructure;
using Im.WebApi;

namespace Im.UnitTests.WebApi.Composition;

public sealed class SecretFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("im-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_a_setting_without_its_last_line_break_and_wins_over_the_command_line()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "Jwt__SigningKey"), new string('f', 40) + "\n", TestContext.Current.CancellationToken);

        await using var node = Node.Build([$"--Secrets:Folder={_folder}", $"--Jwt:SigningKey={new string('c', 40)}"]);

        Assert.Equal(new string('f', 40), node.Configuration["Jwt:SigningKey"]);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named_in_one_sentence()
    {
        var fault = Assert.Throws<StartupException>(() => Node.Build([$"--Secrets:Folder={_folder}/none"]));

        Assert.StartsWith("The setting Secrets:Folder names ", fault.Message, StringComparison.Ordinal);
    }
}
