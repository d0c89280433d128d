using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Im.IntegrationTests.Harness;

/// <summary>A real nginx with the deployed configuration; only addresses and places in it are replaced by those of the test.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    /// <summary>Why a test that needs one is skipped.</summary>
    public const string NotInstalled = "nginx is not installed.";

    private readonly Process _process;
    private readonly string _folder;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private Nginx(Process process, Uri address, string folder, X509Certificate2 certificate)
    {
        Certificate = certificate;
        _process = process;
        _folder = folder;
        BaseAddress = address;
        process.OutputDataReceived += (_, line) => Keep(_log, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static bool IsInstalled { get; } = Executable.Find("nginx") is not null;

    public Uri BaseAddress { get; }

    /// <summary>With which it ends TLS.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The access log.</summary>
    public IReadOnlyCollection<string> Log => _log;

    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>Starts one before these two nodes and waits until it listens.</summary>
    /// <param name="one">A node.</param>
    /// <param name="other">The other one.</param>
    /// <param name="tls">Ends TLS, as it does where it is deployed, with a certificate that nobody vouches for; else plain, for clients that speak no TLS.</param>
    public static async Task<Nginx> StartAsync(Uri one, Uri other, bool tls = false)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Find();
            var folder = Directory.CreateTempSubdirectory("im-nginx-").FullName;
            var file = Path.Combine(folder, "nginx.conf");
            var certificate = OwnCertificate(folder);
            await File.WriteAllTextAsync(file, Configuration($"listen 127.0.0.1:{port}{(tls ? " ssl" : "")};", one, other, folder), TestContext.Current.CancellationToken);
            string[] arguments = ["-p", folder, "-c", file, "-e", "stderr", "-g", $"daemon off; pid {folder}/nginx.pid;"];
            var start = new ProcessStartInfo(Executable.Find("nginx")!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            var nginx = new Nginx(Process.Start(start)!, new Uri($"{(tls ? "https" : "http")}://127.0.0.1:{port}"), folder, certificate);
            if (await nginx.ListensAsync())
            {
                return nginx;
            }

            await nginx.DisposeAsync();
            Assert.True(attempt < 3, $"nginx did not start:\n{string.Join('\n', nginx.Errors)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // SIGTERM: the master ends its workers, which SIGKILL would leave behind.
            using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            {
                await kill.WaitForExitAsync(CancellationToken.None);
            }

            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Eventually.Deadline);
        }

        _process.Dispose();
        Certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The deployed files, with other places and addresses, and nothing else changed.</summary>
    private static string Configuration(string listen, Uri one, Uri other, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "im-nodes.conf"), Replace(
            Repository.Read("deploy", "nodes.conf"),
            ("server 127.0.0.1:8083 ", $"server {one.Authority} "),
            ("server 127.0.0.1:8084 ", $"server {other.Authority} ")));

        // Places that an installed nginx has and that are not the test's to write to; nothing is ever put there.
        var places = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"\n  {kind}_temp_path {folder}/{kind};"));
        return Replace(
            Repository.Read("deploy", "nginx.conf"),
            ("listen 443 ssl;", listen),
            ("ssl_certificate /etc/nginx/tls/", $"ssl_certificate {folder}/"),
            ("ssl_certificate_key /etc/nginx/tls/", $"ssl_certificate_key {folder}/"),
            ("include /etc/nginx/", $"include {folder}/"),
            ("access_log /var/log/nginx/access.log ", "access_log /dev/stdout "),
            ("error_log /var/log/nginx/error.log ", "error_log /dev/stderr "),
            ("http {\n", $"http {{{places}\n"));
    }

    private static string Replace(string text, params (string From, string To)[] replaced) => replaced.Aggregate(text, (text, replace) =>
    {
        Assert.Single(text.Split(replace.From).Skip(1));
        return text.Replace(replace.From, replace.To, StringComparison.Ordinal);
    });

    private static X509Certificate2 OwnCertificate(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    private async Task<bool> ListensAsync()
    {
        var until = DateTime.UtcNow + Eventually.Deadline;
        while (DateTime.UtcNow < until && !_process.HasExited)
        {
            try
            {
                using var tcp = new TcpClient();
                await tcp.ConnectAsync(BaseAddress.Host, BaseAddress.Port, TestContext.Current.CancellationToken);
                return !_process.HasExited;
            }
            catch (SocketException)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        return false;
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
