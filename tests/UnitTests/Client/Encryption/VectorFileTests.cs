namespace Im.UnitTests.Client.Encryption;

/// <summary>The file that all clients are tested with is what this client makes.</summary>
/// <remarks>With <c>IM_WRITE_VECTORS=1</c> the file is written first.</remarks>
public sealed class VectorFileTests
{
    [Fact]
    public void The_test_vectors_are_those_that_this_client_makes()
    {
        var made = VectorFile.Make();
        if (Environment.GetEnvironmentVariable("IM_WRITE_VECTORS") == "1")
        {
            File.WriteAllText(VectorFile.Path, made);
        }

        Assert.Equal(made, VectorFile.Read());
    }

    [Theory]
    [InlineData("18ac2adf937370ca193dd8cc31dc05c20312bd5eb92e7d9377e98e65f9acc601")]
    [InlineData("d401316eb253424f0f422d53853f41dc704294936e5e6797ca1fa7967255848f")]
    [InlineData("5471c0ca4f4c62f4679c66fb368f9a9f9b86e92094bf0a38cfecd3c25091b008")]
    [InlineData("ccfc261f58193c98ca4ad4a53bbac6f0ee29bc4d48438090446908622ca79af6")]
    [InlineData("76915 80928 60795 46510 82219 45747 82143 22761 63827 49142 86643 25495")]
    [InlineData("AQIDBAUGBwgJCgsM-5CINh-wLkAR4s23jty8l6qdj_G1lgrdmWBUndAQX9UWWygWUMprMwFERVeVByLLoYJT1M6J6fGnWK4Z3teUTpUyhICwkF0A-57w3S4MAYB_qFjwHIZVLQagC1iKzR-_RU5kNOfBg1EV6H6dhad8yAY11-rO8wJEoJKbdqA4hgHhUIYC316zXh65AtqyDwezkhpIUNK_SxtiXJwyZKUJGgmwUgNlae8YwjDeVS-QyLFmNseSBk44Eo8O5ORs8dRrVn0a3F2bG-jGnot6vdap20tMZA4oHyiAPXPqeUExTERcpMfHCqf_GswP55gGSd6EhOtVUVP96L2FnFYqDfLs5pQ-tyPIVOLMX2wPQo2UO-o")]
    public void The_worked_example_of_the_protocol_is_among_them(string value) =>
        Assert.Contains($"\"{value}\"", VectorFile.Read(), StringComparison.Ordinal);
}
