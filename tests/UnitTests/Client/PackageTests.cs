using Im.Client;

namespace Im.UnitTests.Client;

/// <summary>What the package is to those who reference it.</summary>
public sealed class PackageTests
{
    [Fact]
    public void The_client_references_nothing_but_the_base_library() =>
        Assert.Empty(typeof(ImClient).Assembly.GetReferencedAssemblies().Where(reference => !reference.Name!.StartsWith("System.", StringComparison.Ordinal)).Select(reference => reference.Name));

    [Fact]
    public void Everything_public_stands_in_one_namespace_and_is_sealed_or_a_closed_hierarchy() =>
        Assert.Empty(typeof(ImClient).Assembly.GetExportedTypes().Where(type => type.Namespace != "Im.Client" || !(type.IsSealed || type.IsAbstract)));
}
