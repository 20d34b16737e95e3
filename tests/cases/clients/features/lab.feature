Feature: What a lab may have

  Scenario: Guests have memory enough
    Given I have libvirt_domain defined
    Then it must have memory
    And its value must be greater than 63

  Scenario: Networks of labs lead nowhere
    Given I have libvirt_network defined
    Then it must have mode
    And its value must be none

  Scenario: Guests are on a network
    Given I have libvirt_domain defined
    Then it must have network_interface

  Scenario: Disks are small
    Given I have libvirt_volume defined
    Then it must have size
    And its value must be less than 10000000
